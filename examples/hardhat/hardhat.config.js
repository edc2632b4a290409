const { subtask } = require("hardhat/config");
const { TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD } = require("hardhat/builtin-tasks/task-names");
require("@nomicfoundation/hardhat-chai-matchers");

// The compiler of node_modules instead of a downloaded one.
subtask(TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD).setAction(async () => ({
  compilerPath: require.resolve("solc/soljson.js"),
  isSolcJs: true,
  version: "0.8.37",
  longVersion: require("solc").version(),
}));

module.exports = {
  solidity: { version: "0.8.37", settings: { optimizer: { enabled: true }, evmVersion: "prague" } },
  networks: {
    // The development accounts of the node itself, which signs for them.
    sogdia: { url: process.env.SOGDIA_RPC ?? "http://127.0.0.1:8545" },
    // The same accounts, signed for by Hardhat.
    signed: {
      url: process.env.SOGDIA_RPC ?? "http://127.0.0.1:8545",
      accounts: { mnemonic: "test test test test test test test test test test test junk" },
    },
  },
};
