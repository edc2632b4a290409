// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {console} from "hardhat/console.sol";

contract Printing {
    uint256 public kept;

    function keep(uint256 value) external returns (uint256) {
        console.log("keep %s by", value, msg.sender, true);
        console.logInt(-5);
        kept = value;
        require(value != 9, "nine");
        return value;
    }
}
