// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Cheats} from "mini/Vm.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Voucher} from "../src/Voucher.sol";

contract VoucherTest is Cheats {
    bool public constant IS_TEST = true;
    Voucher private voucher;

    function setUp() external {
        voucher = new Voucher(1_000);
    }

    function test_the_issuer_has_the_first_supply() external view {
        assert(voucher.balanceOf(address(this)) == 1_000);
    }

    function test_nobody_else_issues(address stranger) external {
        if (stranger == address(this)) return;
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger)
        );
        voucher.issue(stranger, 1);
    }

    function test_redeeming_burns(uint256 amount) external {
        amount %= 1_001;
        voucher.redeem(amount);
        assert(voucher.totalSupply() == 1_000 - amount);
    }
}
