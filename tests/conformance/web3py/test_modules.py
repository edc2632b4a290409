"""web3.py's module tests, unchanged; the conftest says what they run against."""

import pytest
from web3._utils.module_testing import (
    AsyncEthModuleTest,
    AsyncNetModuleTest,
    EthModuleTest,
    GoEthereumAsyncDebugModuleTest,
    GoEthereumAsyncTxPoolModuleTest,
    GoEthereumDebugModuleTest,
    GoEthereumTxPoolModuleTest,
    NetModuleTest,
    Web3ModuleTest,
)
from web3._utils.module_testing.go_ethereum_admin_module import (
    GoEthereumAdminModuleTest,
    GoEthereumAsyncAdminModuleTest,
)
from web3._utils.module_testing.web3_module import AsyncWeb3ModuleTest

pytestmark = pytest.mark.full


class TestEth(EthModuleTest):
    """The `eth` module."""


class TestAsyncEth(AsyncEthModuleTest):
    """The `eth` module, asynchronous."""


class TestNet(NetModuleTest):
    """The `net` module."""


class TestAsyncNet(AsyncNetModuleTest):
    """The `net` module, asynchronous."""


class TestWeb3(Web3ModuleTest):
    """The client itself."""

    def _check_web3_client_version(self, client_version: str) -> None:
        assert client_version.startswith("Sogdia/")


class TestAsyncWeb3(AsyncWeb3ModuleTest):
    """The client itself, asynchronous."""

    def _check_web3_client_version(self, client_version: str) -> None:
        assert client_version.startswith("Sogdia/")


class TestDebug(GoEthereumDebugModuleTest):
    """The `debug` module."""


class TestAsyncDebug(GoEthereumAsyncDebugModuleTest):
    """The `debug` module, asynchronous."""


class TestTxPool(GoEthereumTxPoolModuleTest):
    """The `txpool` module."""


class TestAsyncTxPool(GoEthereumAsyncTxPoolModuleTest):
    """The `txpool` module, asynchronous."""


class TestAdmin(GoEthereumAdminModuleTest):
    """The `admin` module."""


class TestAsyncAdmin(GoEthereumAsyncAdminModuleTest):
    """The `admin` module, asynchronous."""
