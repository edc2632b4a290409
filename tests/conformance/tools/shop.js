// A transaction for each way to end; prints its name and hash.
const { ethers } = require("hardhat");

(async () => {
  const shop = await ethers.deployContract("Shop");
  await shop.waitForDeployment();
  const [payer, other] = await ethers.getSigners();
  const unit = 10n ** 18n;
  const gas = { gasLimit: 200_000n };
  const ways = {
    executed: () => shop.buy(5, { value: unit / 2n, ...gas }),
    shrugged: () => shop.tryToBuy(unit, { value: 7n, ...gas }),
    custom: () => shop.buy(unit, { value: unit / 2n, ...gas }),
    panic: () => shop.at(3, gas),
    reason: () => shop.enter({ value: 1, ...gas }),
    spin: () => shop.spin(gas),
    mute: () => shop.mute(gas),
    halt: () => shop.halt(gas),
    short: () => shop.buy(5, { value: 7n, gasLimit: 29_000n }),
    transfer: () => payer.sendTransaction({ to: other.address, value: unit + 1n }),
  };
  console.log("deployed", shop.deploymentTransaction().hash);
  for (const [name, send] of Object.entries(ways)) {
    const sent = await send();
    await sent.wait().catch(() => undefined);
    console.log(name, sent.hash);
  }
  await ethers.provider.send("evm_setAutomine", [false]);
  const nonce = await payer.getNonce();
  const waiting = { to: other.address, value: 5n };
  console.log("mining", (await payer.sendTransaction({ ...waiting, nonce })).hash);
  console.log("gap", (await payer.sendTransaction({ ...waiting, nonce: nonce + 2 })).hash);
})();
