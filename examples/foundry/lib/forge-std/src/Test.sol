// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.13;

import {Cheats} from "mini/Vm.sol";

/// As `Script.sol`: the part of forge-std's Test that forge's template uses.
abstract contract Test is Cheats {
    function assertEq(uint256 left, uint256 right) internal pure {
        require(left == right, "assertEq");
    }
}
