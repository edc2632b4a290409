// OpenZeppelin's contracts at work: permits, votes, a council, deeds, upgrades.
const { expect } = require("chai");
const { ethers } = require("hardhat");
const helpers = require("@nomicfoundation/hardhat-network-helpers");

describe("OpenZeppelin", () => {
  let owner, friend, stranger, share;

  beforeEach(async () => {
    [owner, friend, stranger] = await ethers.getSigners();
    share = await ethers.deployContract("Share", [1_000n]);
    await share.waitForDeployment();
  });

  async function permit(signer, deadline) {
    const { chainId } = await ethers.provider.getNetwork();
    const domain = { name: "Share", version: "1", chainId, verifyingContract: share.target };
    const fields = ["owner:address", "spender:address", "value:uint256", "nonce:uint256", "deadline:uint256"];
    const types = { Permit: fields.map((field) => ({ name: field.split(":")[0], type: field.split(":")[1] })) };
    const message = { owner: owner.address, spender: friend.address, value: 70n, nonce: 0n, deadline };
    return ethers.Signature.from(await signer.signTypedData(domain, types, message));
  }

  it("takes a permit in place of an approval, once and in time", async () => {
    const late = ethers.MaxUint256;
    const { v, r, s } = await permit(owner, late);
    const use = () => share.connect(stranger).permit(owner.address, friend.address, 70n, late, v, r, s);
    await (await use()).wait();
    expect(await share.allowance(owner.address, friend.address)).to.equal(70n);
    await expect(use()).to.be.revertedWithCustomError(share, "ERC2612InvalidSigner");
    await (await share.connect(friend).transferFrom(owner.address, stranger.address, 70n)).wait();
    expect(await share.balanceOf(stranger.address)).to.equal(70n);
    const early = await permit(owner, 1n);
    await expect(share.permit(owner.address, friend.address, 70n, 1n, early.v, early.r, early.s))
      .to.be.revertedWithCustomError(share, "ERC2612ExpiredSignature")
      .withArgs(1n);
  });

  it("lets shares decide, and does what was decided", async () => {
    const council = await ethers.deployContract("Council", [share.target]);
    await (await share.transfer(council.target, 300n)).wait();
    await (await share.transfer(stranger.address, 50n)).wait();
    await (await share.delegate(owner.address)).wait();
    await (await share.connect(stranger).delegate(stranger.address)).wait();
    const pay = share.interface.encodeFunctionData("transfer", [friend.address, 300n]);
    const proposal = [[share.target], [0n], [pay]];
    await (await council.propose(...proposal, "Pay the friend")).wait();
    const said = ethers.id("Pay the friend");
    const id = await council.hashProposal(...proposal, said);
    expect(await council.state(id)).to.equal(0n); // pending
    await helpers.mine(2);
    await (await council.castVote(id, 1)).wait();
    await expect(council.connect(stranger).castVote(id, 0))
      .to.emit(council, "VoteCast")
      .withArgs(stranger.address, id, 0, 50n, "");
    await expect(council.execute(...proposal, said)).to.be.revertedWithCustomError(
      council,
      "GovernorUnexpectedProposalState",
    );
    await helpers.mine(5);
    expect(await council.state(id)).to.equal(4n); // succeeded
    await expect(council.execute(...proposal, said)).to.changeTokenBalances(
      share,
      [council, friend],
      [-300n, 300n],
    );
  });

  it("hands deeds to whoever can hold them", async () => {
    const deed = await ethers.deployContract("Deed");
    const vault = await ethers.deployContract("Vault");
    await expect(deed.issue(owner.address, 7n))
      .to.emit(deed, "Transfer")
      .withArgs(ethers.ZeroAddress, owner.address, 7n);
    const give = deed["safeTransferFrom(address,address,uint256)"];
    await expect(give(owner.address, share.target, 7n))
      .to.be.revertedWithCustomError(deed, "ERC721InvalidReceiver")
      .withArgs(share.target);
    await (await give(owner.address, vault.target, 7n)).wait();
    expect(await deed.ownerOf(7n)).to.equal(vault.target);
    await expect(deed.ownerOf(8n)).to.be.revertedWithCustomError(deed, "ERC721NonexistentToken");
  });

  it("gives a register other code and keeps its entries", async () => {
    const code = await ethers.deployContract("Register");
    const call = code.interface.encodeFunctionData("setUp", [owner.address]);
    const proxy = await ethers.deployContract("RegisterProxy", [code.target, call]);
    const register = code.attach(proxy.target);
    await (await register.add()).wait();
    const faster = await ethers.deployContract("FasterRegister");
    await expect(register.connect(friend).upgradeToAndCall(faster.target, "0x")).to.be.revertedWith(
      "not the keeper",
    );
    await expect(register.upgradeToAndCall(faster.target, "0x"))
      .to.emit(proxy.attach(proxy.target), "Upgraded")
      .withArgs(faster.target);
    await (await register.add()).wait();
    expect(await register.entries()).to.equal(11n);
    await expect(code.setUp(owner.address)).to.be.revertedWithCustomError(code, "InvalidInitialization");
  });
});
