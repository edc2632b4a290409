// Every action of viem's test client, on the node at SOGDIA_RPC, in one of its modes.
import assert from "node:assert/strict";
import {
  createTestClient, http, parseEther, parseGwei, publicActions, walletActions, testActions,
} from "viem";

const mode = process.argv[2];
const chain = {
  id: 1397704516, name: "sogdia", nativeCurrency: { name: "unit", symbol: "U", decimals: 18 },
  rpcUrls: { default: { http: [process.env.SOGDIA_RPC] } },
};
const client = createTestClient({ mode, chain, transport: http(), pollingInterval: 50 })
  .extend(publicActions)
  .extend(walletActions);
const stranger = "0x00000000000000000000000000000000000000aa";
const other = "0x00000000000000000000000000000000000000bb";
const word = (n) => `0x${n.toString(16).padStart(64, "0")}`;
const done = new Set();
const the = new Proxy(client, {
  get(target, name) {
    done.add(name);
    return target[name];
  },
});
const latest = () => client.getBlock();

const start = await the.snapshot();
await the.setAutomine(false);
assert.equal(await the.getAutomine(), false);
await the.setBalance({ address: stranger, value: parseEther("3") });
assert.equal(await client.getBalance({ address: stranger }), parseEther("3"));

await the.impersonateAccount({ address: stranger });
const request = { account: stranger, to: other, value: 7n, gas: 21_000n };
const dropped = await client.sendTransaction(request);
assert.deepEqual(await the.getTxpoolStatus(), { pending: 1, queued: 0 });
const content = await the.getTxpoolContent();
assert.equal(Object.values(content.pending[stranger])[0].hash, dropped);
assert.match(Object.values((await the.inspectTxpool()).pending[stranger])[0], /: 7 wei/);
await the.dropTransaction({ hash: dropped });
assert.deepEqual(await the.getTxpoolStatus(), { pending: 0, queued: 0 });
const sent = await client.sendTransaction(request);
const before = await latest();
await the.mine({ blocks: 3, interval: 60 });
assert.equal((await latest()).number, before.number + 3n);
assert.equal((await client.getTransactionReceipt({ hash: sent })).from, stranger);
await the.stopImpersonatingAccount({ address: stranger });
await assert.rejects(client.sendTransaction(request), /unknown account/);
const unsigned = await the.sendUnsignedTransaction({ from: stranger, to: other, value: 1n });
await client.mine({ blocks: 1 });
assert.equal((await client.getTransactionReceipt({ hash: unsigned })).from, stranger);

await the.setNonce({ address: stranger, nonce: 40 });
assert.equal(await client.getTransactionCount({ address: stranger }), 40);
// PUSH1 0 SLOAD PUSH1 0 MSTORE PUSH1 32 PUSH1 0 RETURN
await the.setCode({ address: other, bytecode: "0x60005460005260206000f3" });
await the.setStorageAt({ address: other, index: 0, value: word(42) });
assert.equal((await client.call({ to: other })).data, word(42));

await the.setCoinbase({ address: other });
await the.setBlockGasLimit({ gasLimit: 30_000_000n });
await the.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei("25") });
const now = (await latest()).timestamp;
await the.setNextBlockTimestamp({ timestamp: now + 5_000n });
await client.mine({ blocks: 1 });
const chosen = await latest();
assert.equal(chosen.miner, other);
assert.equal(chosen.gasLimit, 30_000_000n);
assert.equal(chosen.baseFeePerGas, parseGwei("25"));
assert.equal(chosen.timestamp, now + 5_000n);
await the.increaseTime({ seconds: 1_000 });
await client.mine({ blocks: 1 });
const after = await latest();
assert(after.timestamp >= chosen.timestamp + 1_000n);
assert(after.baseFeePerGas < chosen.baseFeePerGas, "an empty block lowers the base price");
assert.equal(after.gasLimit, 30_000_000n);

await the.setBlockTimestampInterval({ interval: 77 });
await client.mine({ blocks: 2 });
assert.equal((await latest()).timestamp, after.timestamp + 154n);
await the.removeBlockTimestampInterval();
await assert.rejects(the.setMinGasPrice({ gasPrice: 1n }), /base price/);
await assert.rejects(
  the.setRpcUrl("http://127.0.0.1:1"), /forks no other chain|does not exist/,
);
await the.setLoggingEnabled(false);
await the.setLoggingEnabled(true);

const state = await the.dumpState();
assert.match(state, /^0x1f8b/);
await the.revert({ id: start });
assert.equal(await client.getCode({ address: other }), undefined);
await the.loadState({ state });
assert.equal((await client.call({ to: other })).data, word(42));
assert.equal(await client.getTransactionCount({ address: stranger }), 41 - 1);

await the.setIntervalMining({ interval: 1 });
const height = await client.getBlockNumber({ cacheTime: 0 });
for (let tries = 0; (await client.getBlockNumber({ cacheTime: 0 })) === height; tries++) {
  assert(tries < 300, "no block came by the clock");
  await new Promise((resolve) => setTimeout(resolve, 50));
}
await the.setIntervalMining({ interval: 0 });
await the.reset();
assert.equal(await client.getBlockNumber({ cacheTime: 0 }), 0n);
await client.setAutomine(true);

const all = Object.keys(testActions({ mode })(client));
const missing = all.filter((name) => !done.has(name));
console.log(`${all.length - missing.length} of ${all.length} actions; missing: ${missing}`);
