"""Opening a database: created, migrated, refused; what its connections promise."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, event, inspect, select, text
from sqlalchemy.exc import DBAPIError

from server.domain.owing import relay_key
from server.domain.status import Status
from server.errors import BadDatabase
from server.storage import dialect
from server.storage.database import Database, open_database
from server.storage.migrations import HEAD
from server.storage.migrations.run import config
from server.storage.tables import Base, DowntimeRow, RelayRow, SettingRow, SourceRow
from tests.loop import ROOT, Loop
from tests.storage import databases
from tests.storage.databases import postgres

OPEN = "import sys; from server.storage.database import open_database as o; print(o(sys.argv[1]).digest_key.hex())"


def setting(connection: Connection, name: str) -> object:
    return connection.scalar(select(SettingRow.value).where(SettingRow.name == name))


def set_version(url: str, version: str) -> None:
    database = open_database(url)
    database.write(lambda connection: connection.execute(text(f"UPDATE alembic_version SET version_num = '{version}'")))
    database.close()


# -- created and migrated --------------------------------------------------------------------------------------------


def test_a_new_database_has_every_table_in_the_version_of_this_program(empty_url: str) -> None:
    database = open_database(empty_url)
    with database.read() as connection:
        names = set(inspect(connection).get_table_names())
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    database.close()
    assert names == {*Base.metadata.tables, "alembic_version"}
    assert version == HEAD


def test_the_migrations_lead_to_the_tables_as_the_models_describe_them(empty_url: str) -> None:
    database = open_database(empty_url)
    with database.writing.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    database.close()
    assert differences == []


def test_opening_again_changes_nothing(url: str) -> None:
    first = open_database(url)
    first.write(lambda connection: connection.execute(SettingRow.__table__.insert().values(name="mine", value=[1])))
    first.close()
    second = open_database(url)
    with second.read() as connection:
        assert setting(connection, "mine") == [1]
    second.close()
    assert second.digest_key == first.digest_key


def test_the_key_of_the_click_ids_is_made_once_and_stays_with_the_data(empty_url: str, tmp_path: Path) -> None:
    keys = []
    for _ in range(3):
        database = open_database(empty_url)
        keys.append(database.digest_key)
        database.close()
    assert len(set(keys)) == 1
    assert len(keys[0]) == 32
    other = open_database(f"sqlite:///{tmp_path / 'other.db'}")
    other.close()
    assert other.digest_key != keys[0]


def test_many_threads_may_open_a_new_database_at_once(empty_url: str) -> None:
    barrier = threading.Barrier(6)
    keys: list[bytes] = []

    def open_it() -> None:
        barrier.wait(10)
        database = open_database(empty_url)
        keys.append(database.digest_key)
        database.close()

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(keys) == 6
    assert len(set(keys)) == 1


def test_two_processes_may_open_a_new_database_at_once(empty_url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, empty_url], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60) for process in processes]
    assert [errors for _, errors in said] == ["", ""]
    assert len({key for key, _ in said}) == 1
    assert len(said[0][0].strip()) == 64


def test_a_path_may_hold_signs_that_mean_something_in_an_address(tmp_path: Path) -> None:
    folder = tmp_path / "50% off? yes@home #1"
    folder.mkdir()
    open_database(f"sqlite:///{folder / 'tallyback.db'}").close()
    assert [file.name for file in folder.iterdir()] == ["tallyback.db"]
    assert list(tmp_path.iterdir()) == [folder]


def test_a_migration_that_is_broken_off_leaves_nothing_and_the_next_start_does_it(empty_url: str) -> None:
    """Killed at any statement, it is a database of the version before."""

    def break_off(_connection: Connection, _cursor: object, statement: str, *_more: object) -> None:
        if "CREATE TABLE relay" in statement:
            raise KeyboardInterrupt

    event.listen(Engine, "before_cursor_execute", break_off)
    try:
        with pytest.raises(KeyboardInterrupt):
            open_database(empty_url)
    finally:
        event.remove(Engine, "before_cursor_execute", break_off)
    engine = create_engine(empty_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
    open_database(empty_url).close()


def test_data_of_the_first_version_are_all_there_after_the_update(empty_url: str) -> None:
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        configuration = config()
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "0001")
        connection.execute(SourceRow.__table__.insert().values(id=7, key="prop", spec={"a": 1}, changed_at=5))
    engine.dispose()
    database = open_database(empty_url)
    with database.read() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == HEAD
        found = connection.execute(select(SourceRow.__table__)).one()
        assert connection.execute(select(DowntimeRow.__table__)).all() == []
    database.close()
    assert (found.id, found.key, found.spec, found.changed_at) == (7, "prop", {"a": 1}, 5)


def test_relays_of_the_second_version_get_the_key_that_a_repetition_would_have(empty_url: str) -> None:
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        configuration = config()
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "0002")
        for statement in _A_RELAY:
            connection.execute(text(statement))
    engine.dispose()
    database = open_database(empty_url)
    with database.read() as connection:
        assert connection.scalar(select(RelayRow.key)) == relay_key(5, Status.APPROVED, 2, "source:prop")
    database.close()


_A_RELAY = (
    "INSERT INTO source (id, key, spec, changed_at) VALUES (1, 'prop', '{}', 0)",
    "INSERT INTO network (id, key, spec, changed_at) VALUES (1, 'maxi', '{}', 0)",
    "INSERT INTO offer (id, key, spec, changed_at, network_id) VALUES (1, 'keto', '{}', 0, 1)",
    "INSERT INTO campaign (id, key, spec, changed_at, source_id) VALUES (1, 'summer', '{}', 0, 1)",
    "INSERT INTO click (id, campaign_id, source_id, reason) VALUES (9, 1, 1, 'weight')",
    (
        "INSERT INTO conversion (id, identity, click_id, campaign_id, source_id, network_id, offer_id, event_key, time,"
        " updated, status, original_status, is_test, net, base_currency, warnings)"
        " VALUES (5, '1', 9, 1, 1, 1, 1, '', 0, 0, 'approved', 'approved', false, 0, 'USD', '[]')"
    ),
    "INSERT INTO destination (id, key, failures, waits_until) VALUES (1, 'source:prop', 0, 0)",
    (
        "INSERT INTO relay (id, key, time, conversion_id, click_id, source_id, campaign_id, destination_id, status, revision,"
        " payout, currency, state, attempts, uncounted, delay, expires_at, lease_token, is_probe)"
        " VALUES (3, 'an-old-key', 0, 5, 9, 1, 1, 1, 'approved', 2, 0, 'USD', 'waiting', 0, 0, 0, 0, 0, false)"
    ),
)


# -- refused, in one line that says what to do -----------------------------------------------------------------------


@contextmanager
def refused() -> Iterator[list[str]]:
    """The sentence of the refusal, once it came."""
    said: list[str] = []
    with pytest.raises(BadDatabase) as caught:
        yield said
    said.append(str(caught.value))
    assert "\n" not in said[0]
    assert caught.value.exit_status == 2
    assert caught.value.remedy


def test_data_of_a_newer_program_is_refused_and_left_alone(url: str) -> None:
    set_version(url, "9999")
    with refused() as said:
        open_database(url)
    with refused():
        open_database(url)  # it is still what it was
    assert "This data was written by a newer Tallyback (version 9999 of the tables)." in said[0]
    assert said[0].endswith("Update Tallyback, or open another folder with --data.")


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "tallyback.db"
    file.write_bytes(b"my shopping list\n" * 100)
    with refused() as said:
        open_database(f"sqlite:///{file}")
    assert said[0] == (
        f"{file}: The database cannot be used: file is not a database. "
        "Check the path and its rights, or restore a backup."
    )
    assert file.read_bytes() == b"my shopping list\n" * 100


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder in which even root may not write")
def test_a_folder_in_which_nothing_can_be_written_is_refused() -> None:
    with refused() as said:
        open_database("sqlite:////proc/tallyback.db")
    assert said[0].startswith("/proc/tallyback.db: The database cannot be used: unable to open database file.")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with refused() as said:
        open_database(f"sqlite:///{tmp_path}/no/tallyback.db")
    assert said[0].startswith(f"{tmp_path}/no/tallyback.db: The database cannot be used: unable to open database file.")


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("nonsense", "This is no address of a database."),
        ("", "This is no address of a database."),
        ("postgresql+psycopg://me:hunter2@host:port/x", "This is no address of a database."),
        ("postgresql+psycopg://me:hunter2@[::1/x", "This is no address of a database."),
        ("postgres://me:hunter2@host/x", "This is no address of a database that Tallyback can use."),
        ("mysql://me:hunter2@host/x", "This is no address of a database that Tallyback can use."),
        ("postgresql+asyncpg://me:hunter2@host/x", "This is no address of a database that Tallyback can use."),
        ("postgresql+psycopg://me:hun@ter2@host/x", "The password in the database's address holds an @."),
        ("sqlite://", "A database in memory ends with the program that opened it."),
        ("sqlite:///:memory:", "A database in memory ends with the program that opened it."),
        ("sqlite:///", "A database in memory ends with the program that opened it."),
    ],
)
def test_an_address_that_cannot_be_one_is_refused(address: str, what: str) -> None:
    with refused() as said:
        open_database(address)
    assert said[0].startswith(what)
    assert "ter2" not in said[0]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://me:hunter2@127.0.0.1:1/sales",
        "postgresql+psycopg://me@127.0.0.1:1/sales?password=hunter2",
        "postgresql://me:hunter2@127.0.0.1:1/sales",
    ],
)
def test_a_server_that_does_not_answer_is_refused_without_showing_the_password(address: str) -> None:
    pytest.importorskip("psycopg")
    with refused() as said:
        open_database(address)
    assert "://…@127.0.0.1:1/sales: The database cannot be used: connection failed:" in said[0]
    assert "Connection refused" in said[0]
    assert "hunter2" not in said[0]


def test_what_postgresql_refuses_is_told_in_its_own_words() -> None:
    address = postgres().address("nosuch").replace("postgres:@", "postgres:hunter2@")
    with refused() as said:
        open_database(address)
    assert 'FATAL:  database "nosuch" does not exist.' in said[0]
    assert said[0].endswith(
        "Check that PostgreSQL runs there, and the user, the password and the database's name in the address."
    )
    assert "hunter2" not in said[0]


def test_the_command_line_says_it_in_one_line_and_exits_with_2(tmp_path: Path) -> None:
    (tmp_path / "tallyback.db").write_bytes(b"my shopping list\n" * 100)
    done = Loop(tmp_path).run("clicks", expect=2)
    assert done.stdout == ""
    assert done.stderr == (
        f"tallyback: {tmp_path}/tallyback.db: The database cannot be used: file is not a database. "
        "Check the path and its rights, or restore a backup.\n"
    )
    done = Loop(tmp_path).run("serve", "--database", "postgresql+psycopg://me:hunter2@h:port/x", expect=2)
    assert done.stderr == (
        "tallyback: This is no address of a database. "
        "Write --database sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.\n"
    )


# -- what connections promise ----------------------------------------------------------------------------------------


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(databases.filled_file(tmp_path))
    yield opened
    opened.close()


def pragma(connection: Connection, name: str) -> object:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_sqlite_writes_through_to_the_disk_and_minds_references(sqlite: Database) -> None:
    with sqlite.writing.begin() as connection:
        assert pragma(connection, "journal_mode") == "wal"
        assert pragma(connection, "synchronous") == 2  # FULL
        assert pragma(connection, "foreign_keys") == 1
        assert pragma(connection, "busy_timeout") == 10_000
        assert pragma(connection, "wal_autocheckpoint") == 4000
        assert pragma(connection, "query_only") == 0
    with sqlite.read() as connection:
        assert pragma(connection, "query_only") == 1
        assert pragma(connection, "journal_mode") == "wal"


def test_a_writer_that_may_not_checkpoint_leaves_the_log_alone(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'tallyback.db'}", checkpoints=False)
    with database.writing.begin() as connection:
        assert pragma(connection, "wal_autocheckpoint") == 0
    database.close()


def test_a_dangling_reference_is_refused(database: Database) -> None:
    row = "INSERT INTO offer (id, key, spec, changed_at, network_id) VALUES (1, 'keto', '{}', 0, 77)"
    with pytest.raises(DBAPIError):
        database.write(lambda connection: connection.execute(text(row)))


def test_a_reading_connection_cannot_write(database: Database) -> None:
    with database.read() as connection, pytest.raises(DBAPIError):
        connection.execute(SettingRow.__table__.insert().values(name="mine", value=1))
    with database.read() as connection:
        assert setting(connection, "mine") is None


def test_a_failure_of_the_database_is_told_from_one_of_the_statement(own_database: Database, kind: str) -> None:
    database = own_database
    mine = SettingRow.__table__.insert().values(name="mine", value=1)
    database.write(lambda connection: connection.execute(mine))
    with pytest.raises(DBAPIError) as there_already:
        database.write(lambda connection: connection.execute(mine))
    with database.read() as connection, pytest.raises(DBAPIError) as read_only:
        connection.execute(mine)
    other = open_database(database.url)
    with (
        other.writing.begin(),
        database.writing.connect().execution_options(patience_ms=1) as waiting,
        pytest.raises(DBAPIError) as held,
    ):
        waiting.execute(mine)
    other.close()
    assert not dialect.cannot_write(there_already.value)
    assert dialect.cannot_write(read_only.value)
    assert dialect.cannot_write(held.value)
    if kind == "postgresql":
        with pytest.raises(DBAPIError) as gone:
            database.write(lambda connection: connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())")))
        assert dialect.cannot_write(gone.value)
    assert not dialect.cannot_write(KeyError())


def test_all_that_one_reading_sees_is_of_one_moment(database: Database) -> None:
    """A setup that is loaded while another is applied is the old one or the new one, never half of each."""
    with database.read() as connection:
        assert setting(connection, "mine") is None
        database.write(lambda c: c.execute(SettingRow.__table__.insert().values(name="mine", value=1)))
        assert setting(connection, "mine") is None
    with database.read() as connection:
        assert setting(connection, "mine") == 1


def test_a_job_that_fails_leaves_nothing(database: Database) -> None:
    def job(connection: Connection) -> None:
        connection.execute(SettingRow.__table__.insert().values(name="mine", value=1))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.write(job)
    with database.read() as connection:
        assert setting(connection, "mine") is None


def test_one_writes_at_a_time_so_that_what_was_read_still_holds(database: Database) -> None:
    """Two connections that each read a number and write the next one never give it out twice."""
    other = open_database(database.url)
    database.write(lambda c: c.execute(SettingRow.__table__.insert().values(name="mine", value=0)))

    def count(connection: Connection) -> None:
        before = setting(connection, "mine")
        assert isinstance(before, int)
        connection.execute(SettingRow.__table__.update().where(SettingRow.name == "mine").values(value=before + 1))

    def often(one: Database) -> None:
        for _ in range(20):
            one.write(count)

    threads = [threading.Thread(target=often, args=(one,)) for one in (database, other, database)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with database.read() as connection:
        assert setting(connection, "mine") == 60
    other.close()


def test_text_numbers_and_documents_come_back_as_they_were(database: Database) -> None:
    spec = {"z": [1, 2.5, None, True], "a": "Ünïcødé 🙂 \\ ' \" %s :name", "deep": {"b": 1, "a": 2}}
    large = 9_223_372_036_854_775_807
    row = {"id": large, "key": "🙂 %(x)s", "spec": spec, "changed_at": -large}
    database.write(lambda c: c.execute(SourceRow.__table__.insert().values(**row)))
    with database.read() as connection:
        found = connection.execute(select(SourceRow.__table__)).one()
    assert (found.id, found.key, found.changed_at, found.archived_at) == (large, "🙂 %(x)s", -large, None)
    assert json.dumps(found.spec) == json.dumps(spec)  # the order of the keys too


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become somebody else")
def test_a_file_of_somebody_else_that_may_be_written_is_used_as_it_is() -> None:
    with tempfile.TemporaryDirectory(prefix="tallyback-", dir="/tmp") as name:
        folder = Path(name)
        url = databases.filled_file(folder)
        folder.chmod(0o777)
        (folder / "tallyback.db").chmod(0o666)
        os.seteuid(65534)
        try:
            database = open_database(url)
            database.write(lambda c: c.execute(SettingRow.__table__.insert().values(name="mine", value=0)))
            database.close()
        finally:
            os.seteuid(0)


@pytest.mark.skipif(os.name != "posix", reason="rights of files are POSIX")
def test_the_files_are_the_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0o000)
    try:
        database = open_database(f"sqlite:///{tmp_path / 'tallyback.db'}")
        database.write(lambda c: c.execute(SettingRow.__table__.insert().values(name="mine", value=0)))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
        database.close()
        again = open_database(f"sqlite:///{tmp_path / 'tallyback.db'}")
        again.write(lambda c: c.execute(SettingRow.__table__.update().values(value=1)))
        later = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
        again.close()
    finally:
        os.umask(before)
    assert modes == later == {"tallyback.db": 0o600, "tallyback.db-wal": 0o600, "tallyback.db-shm": 0o600}
