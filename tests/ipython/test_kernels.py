"""Jupyter kernels, in a process of their own and in that of the client."""

CLIENT = '''
import re
from jupyter_client.manager import start_new_kernel

def traceback_of(reply):
    return re.sub("\x1b\\[[0-9;]*m", "", "\\n".join(reply.get("traceback", ())))

class Notebook:
    """Executes cells, and gives what comes back."""

    def __init__(self, client):
        self.client = client

    def execute(self, cell, **options):
        """(status, value, printed text, traceback)"""
        sent = self.client.execute(cell, **options)
        self.interrupt_with_requests(cell)
        reply = self.reply(sent)["content"]
        value, printed = None, ""
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != sent:
                continue
            content = message["content"]
            if message["msg_type"] == "execute_result":
                value = content["data"]["text/plain"]
            elif message["msg_type"] == "stream":
                printed += content["text"]
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                return reply["status"], value, printed, traceback_of(reply)

    def interrupt_with_requests(self, cell):
        pass

    def reply(self, sent):
        while True:
            message = self.client.get_shell_msg(timeout=60)
            if message["parent_header"]["msg_id"] == sent:
                return message

    def value(self, cell, **options):
        status, value, printed, traceback = self.execute(cell, **options)
        assert status == "ok", (cell, printed, traceback)
        return value

    def completions(self, text):
        return self.reply(self.client.complete(text))["content"]["matches"]

SETUP = """
import pyccolo_native as pyc
lines = []
class Lines(pyc.BaseTracer):
    @pyc.before_stmt
    def line(self, ret, node, *_, **__):
        lines.append(node.lineno)
class Doubled(pyc.BaseTracer):
    @pyc.after_int
    def double(self, ret):
        return 2 * ret
class Shout(pyc.BaseTracer):
    def make_syntax_augmenter(self, rewriter):
        return lambda lines: [line.replace("!!", "+") for line in lines]
def seen():
    found = lines[:]
    lines.clear()
    return found
"""

def awaiting_session(notebook):
    begin(notebook)
    assert notebook.value("import asyncio\\nawait asyncio.sleep(0.01)\\nx + 2") == "22"
    assert notebook.value("seen()") == "[1, 2, 3, 1]"
    assert notebook.value("async def f():\\n    await asyncio.sleep(0)\\n    return 1\\nawait f() + await f()") == "2"
    assert notebook.value("seen()") == "[1, 4, 2, 3, 2, 3, 1]"

    assert notebook.value("%%pyc Doubled Shout\\nawait asyncio.sleep(0)\\n3 !! 1") == "8"
    assert notebook.value("seen()") == "[2, 3, 1]"
    status, _, _, traceback = notebook.execute("await asyncio.sleep(0)\\npyc.exec('{}[1]')")
    assert status == "error" and "KeyError" in traceback and "pyccolo_native/" not in traceback, traceback

def begin(notebook):
    notebook.value("%load_ext pyccolo_native")
    notebook.value(SETUP)
    assert notebook.value("%pyc register Lines") is None

def session(notebook):
    begin(notebook)
    assert notebook.value("x = 20\\nx + 1") == "21"
    assert notebook.completions("Lin")[:1] == ["Lines"]
    assert "os.path" in notebook.completions("import os.pa")
    assert notebook.value("seen()") == "[1, 2, 1]"
    status, _, _, traceback = notebook.execute("def g():\\n    return 1 / 0\\ng()")
    assert status == "error" and "ZeroDivisionError" in traceback and "g()" in traceback, traceback
    assert "pyccolo_native" not in traceback
    status, _, _, traceback = notebook.execute("pyc.exec('{}[1]')")
    assert status == "error" and "KeyError" in traceback and "pyccolo_native/" not in traceback, traceback
    notebook.value("seen()")

    assert notebook.value("%%pyc Doubled Shout\\n3 !! 1") == "8"
    assert notebook.value("seen()") == "[2, 1]", "numbers of lines, with the tracer that is registered"
    status, _, _, traceback = notebook.execute("%%pyc Doubled\\n1\\n1 / 0")
    assert status == "error" and "3 1 / 0" in traceback, traceback
    status, _, printed, _ = notebook.execute("%%pyc Nobody\\n1")
    assert status == "error" and "Nobody" in printed
    assert notebook.value("7", silent=True) is None
    notebook.value("_ = seen()")

    assert notebook.execute("%pyc list")[2] == "__main__.Lines\\n"
    notebook.value("%pyc deregister Lines")
    notebook.value("seen()")
    assert notebook.value("1\\nseen()") == "[]"
    assert notebook.value("import sys; [type(its).__name__ for its in pyc._TRACER_STACK]") == "[]"
    notebook.value("%unload_ext pyccolo_native")
    assert notebook.execute("%pyc list")[0] == "error"
'''


def test_a_kernel_in_its_own_process(shells):
    shells.run(
        """
        class Impatient(Notebook):
            def interrupt_with_requests(self, cell):
                # they wait in the queue of the kernel, or are served while the cell awaits
                self.client.complete("seen(), Li")
                self.client.inspect("Lines")
                self.client.is_complete(cell)

        manager, client = start_new_kernel(kernel_name="python3")
        try:
            session(Impatient(client))
            awaiting_session(Impatient(client))
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
        """,
        preamble=CLIENT,
    )


def test_a_kernel_in_the_process_of_its_client(shells):
    # without cells that await: ipykernel 7 itself fails in them there
    shells.run(
        """
        from ipykernel.inprocess.manager import InProcessKernelManager

        manager = InProcessKernelManager()
        manager.start_kernel()
        client = manager.client()
        client.start_channels()

        class Within(Notebook):
            def execute(self, cell, **options):
                client.execute(cell, **options)
                reply = client.get_shell_msg(timeout=10)["content"]
                value, printed = None, ""
                while client.iopub_channel.msg_ready():
                    message = client.iopub_channel.get_msg()
                    if message["msg_type"] == "execute_result":
                        value = message["content"]["data"]["text/plain"]
                    elif message["msg_type"] == "stream":
                        printed += message["content"]["text"]
                return reply["status"], value, printed, traceback_of(reply)

            def completions(self, text):
                client.complete(text)
                return client.get_shell_msg(timeout=10)["content"]["matches"]

        session(Within(client))
        """,
        preamble=CLIENT,
    )
