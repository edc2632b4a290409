// A contract that prints: in a gas estimate, a transaction, a call, and an estimate that fails.
const { ethers } = require("hardhat");

(async () => {
  const printing = await ethers.deployContract("Printing");
  await printing.waitForDeployment();
  await (await printing.keep(5n)).wait();
  await printing.keep.staticCall(6n);
  await printing.keep(9n).catch((error) => console.log(error.message));
})();
