const { ethers } = require("hardhat");

async function main() {
  const voucher = await ethers.deployContract("Voucher", [1_000_000n]);
  await voucher.waitForDeployment();
  const { blockNumber } = await voucher.deploymentTransaction().wait();
  console.log(`Voucher at ${await voucher.getAddress()} in block ${blockNumber}`);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
