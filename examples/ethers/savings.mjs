// Deploy a contract, save money in it, take it out again, and see a refusal explained.
import { ContractFactory, JsonRpcProvider, Wallet, formatEther, parseEther } from "ethers";
import { compile } from "./compile.mjs";

const URL = process.env.SOGDIA_RPC ?? "http://127.0.0.1:8545";
// The first development account. Its key is public: never use it where money has value.
const KEY =
  process.env.SOGDIA_KEY ?? "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

// A development chain executes at once: answers of a quarter of a second ago are old.
const options = { pollingInterval: 100, cacheTimeout: -1 };
const provider = new JsonRpcProvider(URL, undefined, options);
const saver = new Wallet(KEY, provider);
const { chainId } = await provider.getNetwork();
console.log(`chain ${chainId}, block ${await provider.getBlockNumber()}`);

const { abi, bytecode } = compile("Savings.sol", "Savings");
const savings = await new ContractFactory(abi, bytecode, saver).deploy();
await savings.waitForDeployment();
console.log(`Savings at ${await savings.getAddress()}`);

const saved = await (await savings.save({ value: parseEther("1.5") })).wait();
console.log(`saved 1.5 in block ${saved.blockNumber}, gas ${saved.gasUsed}`);

try {
  await savings.withdraw.staticCall(parseEther("2"));
  throw new Error("withdrawing more than was saved must be refused");
} catch (error) {
  if (error.revert?.name !== "NotEnoughSaved") throw error;
  const [has, asked] = error.revert.args;
  console.log(`refused: saved ${formatEther(has)}, asked ${formatEther(asked)}`);
}

await (await savings.withdraw(parseEther("0.5"))).wait();
console.log(`left ${formatEther(await savings.savedBy(saver.address))}`);

const events = await savings.queryFilter("*", saved.blockNumber);
console.log(`events ${events.map((event) => event.eventName).join(", ")}`);
provider.destroy();
