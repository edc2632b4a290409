"""eth-tester's own tests of a backend, unchanged, over ours."""

import pytest
from eth_tester import EthereumTester
from eth_tester.utils.backend_testing import BaseTestBackendDirect

from sogdia.testing.eth_tester_backend import SogdiaBackend

pytestmark = pytest.mark.filterwarnings("ignore")


class TestSogdiaBackend(BaseTestBackendDirect):
    """Our executor under eth-tester."""

    @pytest.fixture
    def eth_tester(self) -> EthereumTester:
        """A ledger of each test's own."""
        return EthereumTester(SogdiaBackend())
