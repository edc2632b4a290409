// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.13;

import {Cheats} from "mini/Vm.sol";

/// What forge's template imports from forge-std, which no package registry carries: use that
/// library itself where you can reach it (`forge install foundry-rs/forge-std`).
abstract contract Script is Cheats {}
