// The same with viem: deploy, write, wait, read, and a batch of reads in one request.
import {
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  defineChain,
  formatEther,
  http,
  parseEther,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { compile } from "./compile.mjs";

const url = process.env.SOGDIA_RPC ?? "http://127.0.0.1:8545";
const key =
  process.env.SOGDIA_KEY ?? "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

const transport = http(url, { batch: true });
const id = await createPublicClient({ transport }).getChainId();
const chain = defineChain({
  id,
  name: "Sogdia development",
  nativeCurrency: { name: "unit", symbol: "SOG", decimals: 18 },
  rpcUrls: { default: { http: [url] } },
});
const account = privateKeyToAccount(key);
const reader = createPublicClient({ chain, transport, pollingInterval: 100 });
const writer = createWalletClient({ account, chain, transport });

const { abi, bytecode } = compile("Savings.sol", "Savings");
const deployment = await reader.waitForTransactionReceipt({
  hash: await writer.deployContract({ abi, bytecode }),
});
const address = deployment.contractAddress;
console.log(`Savings at ${address}`);

const hash = await writer.writeContract({
  address,
  abi,
  functionName: "save",
  value: parseEther("1.5"),
});
const receipt = await reader.waitForTransactionReceipt({ hash });
console.log(`saved 1.5: ${receipt.status}, gas ${receipt.gasUsed}`);

try {
  await reader.simulateContract({
    account,
    address,
    abi,
    functionName: "withdraw",
    args: [parseEther("2")],
  });
  throw new Error("withdrawing more than was saved must be refused");
} catch (error) {
  const revert =
    error instanceof BaseError && error.walk((e) => e instanceof ContractFunctionRevertedError);
  if (revert?.data?.errorName !== "NotEnoughSaved") throw error;
  console.log(`refused: ${revert.data.errorName}`);
}

const [savedBy, balance, block] = await Promise.all([
  reader.readContract({ address, abi, functionName: "savedBy", args: [account.address] }),
  reader.getBalance({ address }),
  reader.getBlock({ blockTag: "latest" }),
]);
console.log(`left ${formatEther(savedBy)} of ${formatEther(balance)} in block ${block.number}`);
const logs = await reader.getContractEvents({ address, abi, fromBlock: receipt.blockNumber });
console.log(`events ${logs.map((log) => log.eventName).join(", ")}`);
