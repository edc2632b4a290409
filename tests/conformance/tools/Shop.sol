// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

contract Till {
    error TooLittle(address payer, uint256 got, uint256 wanted);

    function take(uint256 wanted) external payable {
        if (msg.value < wanted) revert TooLittle(msg.sender, msg.value, wanted);
    }

    function spin() external {
        while (true) {
            assembly {
                sstore(0, gas())
            }
        }
    }
}

contract Shop {
    Till public till = new Till();
    uint256[] kept;

    function buy(uint256 wanted) external payable {
        till.take{value: msg.value}(wanted);
    }

    /// Buys, and shrugs when the till refuses.
    function tryToBuy(uint256 wanted) external payable {
        try till.take{value: msg.value}(wanted) {} catch {}
    }

    function at(uint256 place) external returns (uint256) {
        kept.push(1);
        return kept[place];
    }

    function enter() external payable {
        require(false, unicode"закрыто");
    }

    function spin() external {
        till.spin();
    }

    function mute() external {
        assembly {
            revert(0, 0)
        }
    }

    function halt() external {
        assembly {
            invalid()
        }
    }
}
