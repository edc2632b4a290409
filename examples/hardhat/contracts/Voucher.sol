// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// A voucher that its issuer hands out and its holders may redeem.
contract Voucher is ERC20, Ownable {
    event Redeemed(address indexed holder, uint256 amount);

    constructor(uint256 supply) ERC20("Voucher", "VCH") Ownable(msg.sender) {
        _mint(msg.sender, supply);
    }

    function issue(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }

    function redeem(uint256 amount) external {
        _burn(msg.sender, amount);
        emit Redeemed(msg.sender, amount);
    }
}
