// Every helper of @nomicfoundation/hardhat-network-helpers, on the network Hardhat was started with.
const { expect } = require("chai");
const { ethers } = require("hardhat");
const helpers = require("@nomicfoundation/hardhat-network-helpers");

const stranger = "0x00000000000000000000000000000000000000aa";
const other = "0x00000000000000000000000000000000000000bb";
const word = (n) => `0x${n.toString(16).padStart(64, "0")}`;

describe("network helpers", () => {
  let start;
  before(async () => (start = await helpers.takeSnapshot()));
  after(async () => start.restore());

  async function deployed() {
    const [issuer] = await ethers.getSigners();
    const voucher = await ethers.deployContract("Voucher", [1_000n], issuer);
    return { voucher, height: await helpers.time.latestBlock() };
  }

  for (const turn of [1, 2]) {
    it(`load a fixture, ${turn}`, async () => {
      const { voucher, height } = await helpers.loadFixture(deployed);
      expect(await helpers.time.latestBlock()).to.equal(height);
      expect(await voucher.balanceOf(other)).to.equal(0n);
      await voucher.transfer(other, 5n);
      expect(await voucher.balanceOf(other)).to.equal(5n);
    });
  }

  it("edit accounts", async () => {
    await helpers.setBalance(stranger, 10n ** 18n);
    await helpers.setNonce(stranger, 9);
    await helpers.setCode(other, "0x60005460005260206000f3");
    await helpers.setStorageAt(other, 0, 42);
    expect(await helpers.getStorageAt(other, 0)).to.equal(word(42));
    expect(await ethers.provider.getTransactionCount(stranger)).to.equal(9);
    await helpers.impersonateAccount(stranger);
    const signer = await ethers.getSigner(stranger);
    await (await signer.sendTransaction({ to: other, value: 0 })).wait();
    await helpers.stopImpersonatingAccount(stranger);
    await expect(signer.sendTransaction({ to: other })).to.be.rejected;
  });

  it("move time and blocks", async () => {
    const height = await helpers.time.latestBlock();
    await helpers.mine();
    await helpers.mine(10, { interval: 15 });
    await helpers.mineUpTo(height + 20);
    expect(await helpers.time.latestBlock()).to.equal(height + 20);
    const now = await helpers.time.latest();
    await helpers.time.increase(3_600);
    expect(await helpers.time.latest()).to.be.at.least(now + 3_600);
    await helpers.time.increaseTo(now + 8_000);
    expect(await helpers.time.latest()).to.equal(now + 8_000);
    await helpers.time.setNextBlockTimestamp(now + 9_000);
    await helpers.time.advanceBlock();
    expect(await helpers.time.latest()).to.equal(now + 9_000);
    await helpers.time.advanceBlockTo(height + 25);
    expect(await helpers.time.latestBlock()).to.equal(height + 25);
  });

  it("choose what the next block carries", async () => {
    await helpers.setCoinbase(other);
    await helpers.setBlockGasLimit(20_000_000);
    await helpers.setNextBlockBaseFeePerGas(0);
    await helpers.setPrevRandao(77);
    const [sender] = await ethers.getSigners();
    const sent = await sender.sendTransaction({ to: stranger, value: 1, gasPrice: 0 });
    const block = await ethers.provider.getBlock((await sent.wait()).blockNumber);
    expect(block.miner.toLowerCase()).to.equal(other);
    expect(block.gasLimit).to.equal(20_000_000n);
    expect(block.baseFeePerGas).to.equal(0n);
    const raw = await ethers.provider.send("eth_getBlockByNumber", ["latest", false]);
    expect(raw.mixHash).to.equal(word(77));
  });

  it("drop a transaction", async () => {
    const provider = ethers.provider;
    await provider.send("evm_setAutomine", [false]);
    const [sender] = await ethers.getSigners();
    const sent = await sender.sendTransaction({ to: other, value: 1 });
    await helpers.dropTransaction(sent.hash);
    await provider.send("evm_setAutomine", [true]);
    await helpers.mine();
    expect(await provider.getTransactionReceipt(sent.hash)).to.equal(null);
  });

  it("reset", async () => {
    await helpers.reset();
    expect(await helpers.time.latestBlock()).to.equal(0);
    start = await helpers.takeSnapshot();
  });

  it("are all here", () => {
    const used = require("node:fs").readFileSync(__filename, "utf8");
    const all = [...Object.keys(helpers), ...Object.keys(helpers.time).map((n) => `time.${n}`)];
    const missing = all.filter((name) => !used.includes(`helpers.${name}`));
    expect(missing).to.deep.equal(["clearSnapshots", "time.duration"].filter((n) => all.includes(n)));
  });
});
