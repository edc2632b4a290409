// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Cheats} from "mini/Vm.sol";
import {Voucher} from "../src/Voucher.sol";

/// Deploys a voucher, issues some, and hands some on: three transactions.
contract Deploy is Cheats {
    bool public constant IS_SCRIPT = true;

    function run() external returns (Voucher voucher) {
        vm.startBroadcast();
        voucher = new Voucher(1_000_000);
        voucher.issue(address(0xBEEF), 500);
        voucher.transfer(address(0xCAFE), 250);
        vm.stopBroadcast();
    }
}
