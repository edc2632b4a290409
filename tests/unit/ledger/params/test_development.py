"""The development accounts against the derivation that other tools use."""

from eth_account import Account

from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS, DEVELOPMENT_CHAIN_ID

MNEMONIC = "test test test test test test test test test test test junk"


def test_the_accounts_are_those_of_the_usual_mnemonic() -> None:
    """Derived by eth-account, in order."""
    Account.enable_unaudited_hdwallet_features()
    for index, account in enumerate(DEVELOPMENT_ACCOUNTS):
        derived = Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}")
        assert (account.shown, account.key) == (derived.address, derived.key)
        assert account.address == bytes.fromhex(derived.address[2:])


def test_roles_are_distinct() -> None:
    """They are names that commands take."""
    roles = [account.role for account in DEVELOPMENT_ACCOUNTS]
    assert len(roles) == len(set(roles)) == 10


def test_the_chain_id_fits_the_signatures_of_hardware_wallets() -> None:
    """v = 35 + 2 x chain id, in 32 bits."""
    assert 36 + 2 * DEVELOPMENT_CHAIN_ID < 2**32
