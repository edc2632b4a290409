// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorCountingSimple} from
    "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";

/// A token that is approved by signature and votes.
contract Share is ERC20, ERC20Permit, ERC20Votes {
    constructor(uint256 supply) ERC20("Share", "SHR") ERC20Permit("Share") {
        _mint(msg.sender, supply);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }

    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }
}

/// Whoever holds a majority of the shares that vote decides, a block after a proposal, for five.
contract Council is Governor, GovernorCountingSimple, GovernorVotes {
    constructor(IVotes shares) Governor("Council") GovernorVotes(shares) {}

    function votingDelay() public pure override returns (uint256) {
        return 1;
    }

    function votingPeriod() public pure override returns (uint256) {
        return 5;
    }

    function quorum(uint256) public pure override returns (uint256) {
        return 100;
    }
}

/// One of a kind.
contract Deed is ERC721 {
    constructor() ERC721("Deed", "DEED") {}

    function issue(address to, uint256 number) external {
        _safeMint(to, number);
    }
}

/// Takes deeds in.
contract Vault {
    function onERC721Received(address, address, uint256, bytes calldata) external pure returns (bytes4) {
        return this.onERC721Received.selector;
    }
}

/// A register behind a proxy; who set it up may give it other code.
contract Register is Initializable, UUPSUpgradeable {
    address public keeper;
    uint256 public entries;

    constructor() {
        _disableInitializers();
    }

    function setUp(address keeper_) external initializer {
        keeper = keeper_;
    }

    function add() external {
        entries += step();
    }

    function step() public pure virtual returns (uint256) {
        return 1;
    }

    function _authorizeUpgrade(address) internal view override {
        require(msg.sender == keeper, "not the keeper");
    }
}

contract FasterRegister is Register {
    function step() public pure override returns (uint256) {
        return 10;
    }
}

/// OpenZeppelin's proxy, so that it is compiled.
contract RegisterProxy is ERC1967Proxy {
    constructor(address code, bytes memory call) ERC1967Proxy(code, call) {}
}
