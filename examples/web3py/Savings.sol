// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// Keeps the money of each saver apart, and gives it back on demand.
contract Savings {
    mapping(address => uint256) public savedBy;

    event Saved(address indexed saver, uint256 amount);
    event Withdrawn(address indexed saver, uint256 amount);

    /// More was asked for than the saver has.
    error NotEnoughSaved(uint256 saved, uint256 asked);

    function save() external payable {
        require(msg.value > 0, "nothing to save");
        savedBy[msg.sender] += msg.value;
        emit Saved(msg.sender, msg.value);
    }

    function withdraw(uint256 amount) external {
        uint256 saved = savedBy[msg.sender];
        if (amount > saved) revert NotEnoughSaved(saved, amount);
        savedBy[msg.sender] = saved - amount;
        emit Withdrawn(msg.sender, amount);
        payable(msg.sender).transfer(amount);
    }
}
