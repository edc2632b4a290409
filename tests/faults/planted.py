"""Defects that are planted on purpose, each with the test in which its oracle must notice it.

An oracle that never failed may be blind. Whoever adds one adds a line here; `test_planted.py`
proves that the tests are there, and that no module with an oracle is without a line.
"""

# Module with an oracle -> the defects planted for it: what is broken, and the test that says so.
PLANTED: dict[str, dict[str, str]] = {
    "tests.faults.test_power_cuts": {
        "the journal is not synced": "test_a_sync_that_is_skipped_is_noticed",
    },
    "tests.faults.test_creation_cuts": {
        "nothing is synced while a store is made": "test_a_creation_that_syncs_nothing_is_noticed",
    },
    "tests.faults.test_panic": {
        "the core panics in a commit": "test_a_panic_stops_the_node_and_the_next_start_is_clean",
    },
    "tests.faults.test_sync_errors": {
        "a sync fails": "test_a_failed_sync_stops_the_node_at_once",
    },
    "tests.faults.test_clock_jumps": {
        "the clock jumps": "test_blocks_go_on_when_the_clock_jumps",
    },
    "tests.conformance.test_kill_nine": {
        "an acknowledged transaction is not there": "test_a_loss_is_noticed",
    },
    "tests.fuzz.test_decoders": {
        "a decoder crashes, stalls or keeps memory": "test_the_oracles_notice_planted_defects",
    },
    "tests.fuzz.test_store_files": {
        "a damaged store opens with other rows": "test_other_rows_are_noticed",
    },
    "tests.fuzz.test_live_rpc": {
        "an answer in no form, or of a defect": "test_the_judge_notices_planted_answers",
    },
    "tests.fuzz.test_live_state": {
        "a load that was taken is said to be refused": "test_changes_are_noticed",
    },
    "tests.fuzz.test_live_websocket": {
        "an answer is missing, or the node hangs up": "test_the_judge_notices_planted_defects",
    },
}
