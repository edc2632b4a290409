// Write ABI and bytecode of Savings.sol to a file: node artifact.mjs ../web3py/Savings.json
import { writeFileSync } from "node:fs";
import { compile } from "./compile.mjs";

writeFileSync(process.argv[2], JSON.stringify(compile("Savings.sol", "Savings"), null, 1) + "\n");
