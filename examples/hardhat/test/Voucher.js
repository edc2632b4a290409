const { expect } = require("chai");
const { ethers } = require("hardhat");

describe("Voucher", () => {
  async function deploy() {
    const [issuer, holder, stranger] = await ethers.getSigners();
    const voucher = await ethers.deployContract("Voucher", [1_000n], issuer);
    await voucher.waitForDeployment();
    return { voucher, issuer, holder, stranger };
  }

  it("belongs to its issuer, who has the first supply", async () => {
    const { voucher, issuer } = await deploy();
    expect(await voucher.owner()).to.equal(issuer.address);
    expect(await voucher.balanceOf(issuer.address)).to.equal(1_000n);
  });

  it("moves between holders and tells of it", async () => {
    const { voucher, issuer, holder } = await deploy();
    await expect(voucher.transfer(holder.address, 40n))
      .to.emit(voucher, "Transfer")
      .withArgs(issuer.address, holder.address, 40n);
    expect(await voucher.balanceOf(holder.address)).to.equal(40n);
  });

  it("is redeemed by its holder", async () => {
    const { voucher, holder } = await deploy();
    await (await voucher.issue(holder.address, 50n)).wait();
    await expect(voucher.connect(holder).redeem(20n))
      .to.emit(voucher, "Redeemed")
      .withArgs(holder.address, 20n);
    expect(await voucher.totalSupply()).to.equal(1_030n);
  });

  it("is issued by nobody else", async () => {
    const { voucher, stranger } = await deploy();
    await expect(voucher.connect(stranger).issue(stranger.address, 1n))
      .to.be.revertedWithCustomError(voucher, "OwnableUnauthorizedAccount")
      .withArgs(stranger.address);
  });

  it("is not redeemed beyond what a holder has", async () => {
    const { voucher, holder } = await deploy();
    await expect(voucher.connect(holder).redeem(1n))
      .to.be.revertedWithCustomError(voucher, "ERC20InsufficientBalance")
      .withArgs(holder.address, 0n, 1n);
  });
});
