"""The fast way of a click and of a postback: everybody who is ready shares one commit, inside Waitress's own loop.

A thread for each request costs more than the request, and a flush of the disk for each click costs more than both. So
the loop that reads the sockets also decides, writes and answers, for all requests that are ready at that moment:

      poll ──► read the sockets that are ready                     one turn of the loop
                 │ a plain GET of /c/… or /p/… (reading.py)              │ anything else
                 ▼                                                       ▼
               the batch (batch.py)                              Waitress's parser, a thread, Flask:
                 │ decide each: facts → decision                 the plain way, which knows every case
                 │ BEGIN IMMEDIATE
                 │ one INSERT of all clicks, all postbacks
                 │ COMMIT with its flush  ── cannot ──► the spool, with its flush
                 ▼
               answer each (answers.py)  ──► poll

No timer fills a batch: its size is what came while the last one was written. One visitor alone waits for nobody, and
a hundred share one flush. An answer is sent after the commit or after the spool's flush, never before.

The bytes of a request are read here only where they are plain beyond doubt; whatever is unusual (a body, a repeated
header, an escape in the path, a second request in the same packet, a test's ticket, a campaign that is not known) is
left to the plain way with not a byte touched. `tests/web/fast/test_generated.py` holds the two against each other.

What this leans on in Waitress is not documented: `contract.py` looks at it before the server starts, and where it is
not as expected, all goes the plain way and the log says so.
"""
