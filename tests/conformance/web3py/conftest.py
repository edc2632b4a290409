"""web3.py's own module tests against one node that mines every second, as a `geth --dev`.

What the tests need of a chain (contracts, a block with a log, an empty one) is made once. A test
that `exclusions.toml` lists must fail: when it begins to pass, the run fails until the row goes.
"""

import re
import time
import tomllib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.conformance.spawned import SpawnedNode, spawned_node
from tests.conformance.tally import Tally
from web3 import AsyncWeb3, Web3
from web3._utils.contract_sources.contract_data.emitter_contract import EMITTER_CONTRACT_DATA
from web3._utils.contract_sources.contract_data.math_contract import MATH_CONTRACT_DATA
from web3._utils.contract_sources.contract_data.offchain_lookup import (
    OFFCHAIN_LOOKUP_ABI,
    OFFCHAIN_LOOKUP_BYTECODE,
)
from web3._utils.contract_sources.contract_data.panic_errors_contract import (
    PANIC_ERRORS_CONTRACT_DATA,
)
from web3._utils.contract_sources.contract_data.revert_contract import REVERT_CONTRACT_DATA
from web3._utils.contract_sources.contract_data.storage_contract import STORAGE_CONTRACT_DATA
from web3._utils.module_testing.utils import RequestMocker
from web3.providers.rpc import AsyncHTTPProvider

from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS

HERE = Path(__file__).parent
EXCLUDED: dict[str, str] = tomllib.loads((HERE / "exclusions.toml").read_text())["module_testing"]
OWNER = DEVELOPMENT_ACCOUNTS[0]
# emitter_contract's enum WhichEvent.
LOG_DOUBLE_WITH_INDEX = 9
CONTRACTS: dict[str, dict[str, Any]] = {
    "math": MATH_CONTRACT_DATA,
    "emitter": EMITTER_CONTRACT_DATA,
    "revert": REVERT_CONTRACT_DATA,
    "offchain_lookup": {"abi": OFFCHAIN_LOOKUP_ABI, "bytecode": OFFCHAIN_LOOKUP_BYTECODE},
    "panic_errors": PANIC_ERRORS_CONTRACT_DATA,
    "storage": STORAGE_CONTRACT_DATA,
}
# Tests of what is sent and not yet mined.
WAITING = re.compile("modify_transaction|replace_transaction(?!_already_mined)|receipt_unmined")
# web3.py's tests sign for the chain of its own fixtures.
CHAIN_ID = 131277322940537
TALLY = Tally(HERE, "web3.py module_testing", "PyPI web3, against one node that mines each second")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect the listed failures, and nothing but them."""
    for item in items:
        if TALLY.owns(item):
            item.add_marker(pytest.mark.filterwarnings("ignore"))
            name = name_of(item)
            reason = EXCLUDED.get(name) or EXCLUDED.get(f"{name}[{_parameter(item)}]")
            if reason is not None:
                item.add_marker(pytest.mark.xfail(reason=reason, strict=True))


def name_of(item: pytest.Item) -> str:
    """Return how exclusions name a test: class and test, without parameters."""
    owner = getattr(item, "cls", None)
    name = getattr(item, "originalname", item.name)
    return f"{owner.__name__}.{name}" if owner is not None else str(name)


def _parameter(item: pytest.Item) -> str:
    return item.name.partition("[")[2].removesuffix("]")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Count what passed and what was expected to fail."""
    report = yield
    TALLY.count(item, report)
    return report


def pytest_sessionfinish() -> None:
    """Write the row of this suite, if it ran."""
    TALLY.record()


@pytest.fixture(scope="session")
def mining_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpawnedNode]:
    """A development node that mines every second."""
    options = ("--block-time", "1", "--chain-id", str(CHAIN_ID))
    with spawned_node(tmp_path_factory.mktemp("web3py"), *options) as node:
        yield node


@pytest.fixture(scope="session")
def chain_data(mining_node: SpawnedNode) -> dict[str, Any]:
    """Deploy the contracts and make the blocks that tests look at."""
    w3 = Web3(Web3.HTTPProvider(mining_node.url))
    owner = {"from": OWNER.shown}

    def done(transaction: Any) -> Any:
        return w3.eth.wait_for_transaction_receipt(transaction, poll_latency=0.05)

    found: dict[str, Any] = {}
    for name, source in CONTRACTS.items():
        sent = w3.eth.contract(**source).constructor().transact(owner)  # type: ignore[call-overload]
        receipt = done(sent)
        found[name] = receipt["contractAddress"]
        found[f"{name}_deploy"] = "0x" + sent.hex()
    emitter = w3.eth.contract(found["emitter"], abi=EMITTER_CONTRACT_DATA["abi"])
    log = emitter.functions.logDouble(which=LOG_DOUBLE_WITH_INDEX, arg0=12345, arg1=54321)
    receipt = done(log.transact(owner))  # type: ignore[arg-type]
    found["log"], found["log_block"] = receipt["transactionHash"], receipt["blockHash"]
    while (empty := w3.eth.get_block("latest"))["transactions"]:
        time.sleep(0.1)
    found["empty_block"] = empty["hash"]
    plain = {"to": OWNER.shown, "value": 1, "gas": 21_000, "gasPrice": w3.eth.gas_price}
    receipt = done(w3.eth.send_transaction(owner | plain))  # type: ignore[arg-type]
    found["plain"], found["plain_block"] = receipt["transactionHash"], receipt["blockHash"]
    return found


@pytest.fixture(scope="class", autouse=True)
def own_state(mining_node: SpawnedNode, chain_data: dict[str, Any]) -> Iterator[None]:
    """Give each class the chain as it was made: some tests leave storage that others count from."""
    del chain_data
    snapshot = mining_node.call("evm_snapshot")
    yield
    mining_node.call("evm_revert", snapshot)


@pytest.fixture(autouse=True)
def nothing_waits(
    own_state: None, mining_node: SpawnedNode, request: pytest.FixtureRequest
) -> Iterator[None]:
    """Mine what an earlier test left behind: tests take nonces for free that then still wait.

    A test that changes what it sent finds it waiting, however slow the machine.
    """
    del own_state
    mining_node.call("evm_mine")
    waits = WAITING.search(request.node.name) is not None
    if waits:
        mining_node.call("anvil_setIntervalMining", 600)
    yield
    if waits:
        mining_node.call("anvil_setIntervalMining", 1)


@pytest.fixture
def datadir() -> Path:
    """What a test of a method that we do not serve compares with."""
    return HERE


@pytest.fixture
def w3(mining_node: SpawnedNode) -> Web3:
    """A client over HTTP."""
    return Web3(Web3.HTTPProvider(mining_node.url, request_kwargs={"timeout": 10}))


@pytest_asyncio.fixture
async def async_w3(mining_node: SpawnedNode) -> AsyncIterator[AsyncWeb3[Any]]:
    """An asynchronous client over HTTP."""
    client = AsyncWeb3(AsyncHTTPProvider(mining_node.url))
    yield client
    await client.provider.disconnect()


@pytest.fixture(params=["bytes", "text"])
def as_address(request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """An address as bytes and as text: clients take both."""
    if request.param == "text":
        return lambda shown: shown
    return lambda shown: bytes.fromhex(shown[2:])


@pytest.fixture
def request_mocker() -> type[RequestMocker]:
    """web3.py's own mocker of requests."""
    return RequestMocker


@pytest.fixture
def skip_if_testrpc() -> Callable[[Any], None]:
    """Nothing is skipped: this is a node."""
    return lambda _: None


@pytest.fixture
def async_skip_if_testrpc() -> Callable[[Any], None]:
    """Nothing is skipped: this is a node."""
    return lambda _: None


# --- accounts: a development account, whose key the node has ----------------------------------


@pytest.fixture
def keyfile_account_address() -> str:
    """The account that the node signs for."""
    return OWNER.shown


@pytest.fixture
def keyfile_account_pkey() -> str:
    """Its key."""
    return "0x" + OWNER.key.hex()


@pytest.fixture
def keyfile_account_address_dual_type(as_address: Callable[[str], Any]) -> Any:
    """Its address as bytes and as text."""
    return as_address(OWNER.shown)


@pytest.fixture
def async_keyfile_account_address() -> str:
    """The account that the node signs for."""
    return OWNER.shown


@pytest.fixture
def async_keyfile_account_address_dual_type(as_address: Callable[[str], Any]) -> Any:
    """Its address as bytes and as text."""
    return as_address(OWNER.shown)


# --- contracts and blocks ---------------------------------------------------------------------


def _contract(name: str, client: str) -> Any:
    """Make the fixture of a deployed contract for one of the clients."""

    def contract(request: pytest.FixtureRequest, chain_data: dict[str, Any]) -> Any:
        eth = request.getfixturevalue(client).eth
        return eth.contract(**CONTRACTS[name])(address=chain_data[name])

    return pytest.fixture(contract)


math_contract = _contract("math", "w3")
emitter_contract = _contract("emitter", "w3")
revert_contract = _contract("revert", "w3")
offchain_lookup_contract = _contract("offchain_lookup", "w3")
panic_errors_contract = _contract("panic_errors", "w3")
storage_contract = _contract("storage", "w3")
async_math_contract = _contract("math", "async_w3")
async_emitter_contract = _contract("emitter", "async_w3")
async_revert_contract = _contract("revert", "async_w3")
async_offchain_lookup_contract = _contract("offchain_lookup", "async_w3")
async_panic_errors_contract = _contract("panic_errors", "async_w3")
async_storage_contract = _contract("storage", "async_w3")


def _address(name: str) -> Any:
    def address(chain_data: dict[str, Any], as_address: Callable[[str], Any]) -> Any:
        return as_address(chain_data[name])

    return pytest.fixture(address)


math_contract_address = _address("math")
emitter_contract_address = _address("emitter")
async_math_contract_address = _address("math")
async_emitter_contract_address = _address("emitter")


def _datum(name: str) -> Any:
    def datum(chain_data: dict[str, Any]) -> Any:
        return chain_data[name]

    return pytest.fixture(datum)


math_contract_deploy_txn_hash = _datum("math_deploy")
mined_txn_hash = _datum("plain")
txn_hash_with_log = _datum("log")


def _block(name: str) -> Any:
    def block(w3: Web3, chain_data: dict[str, Any]) -> Any:
        return w3.eth.get_block(chain_data[name])

    return pytest.fixture(block)


empty_block = _block("empty_block")
block_with_txn = _block("plain_block")
block_with_txn_with_log = _block("log_block")
async_empty_block = _block("empty_block")
async_block_with_txn = _block("plain_block")
async_block_with_txn_with_log = _block("log_block")
