// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// The cheat codes that this project uses; forge knows many more.
interface Vm {
    function startBroadcast() external;
    function stopBroadcast() external;
    function prank(address sender) external;
    function expectRevert(bytes calldata data) external;
}

/// Where forge answers cheat codes: the last 20 bytes of keccak256("hevm cheat code").
abstract contract Cheats {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
}
