"""Threads, locks, thread locals, executors: woven code runs in each of them."""

import concurrent.futures
import queue
import threading

results = {}
local = threading.local()
lock = threading.Lock()
total = 0


def work(name, n):
    global total
    local.value = name
    acc = []
    for i in range(n):
        with lock:
            total += i
        acc.append((lambda x: x * 2 if x % 2 else f"{x}")(i))
    results[name] = acc, local.value, hasattr(local, "other")


threads = [threading.Thread(target=work, args=(name, 50), name=name) for name in ("first", "second", "third")]
for thread in threads:
    thread.start()
work("main", 3)
for thread in threads:
    thread.join()
print(sorted((k, len(v[0]), v[1:]) for k, v in results.items()), total, results["first"][0] == results["second"][0])


class Worker(threading.Thread):
    def __init__(self, inbox, outbox):
        super().__init__(daemon=True)
        self.inbox, self.outbox = inbox, outbox

    def run(self):
        while (item := self.inbox.get()) is not None:
            try:
                self.outbox.put((item, 100 // item))
            except ZeroDivisionError as error:
                self.outbox.put((item, str(error)))


inbox, outbox = queue.Queue(), queue.Queue()
workers = [Worker(inbox, outbox) for _ in range(2)]
for worker in workers:
    worker.start()
for item in (1, 0, 5, 7, *[None] * len(workers)):
    inbox.put(item)
for worker in workers:
    worker.join()
print(sorted(outbox.get() for _ in range(4)))


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
    print(list(pool.map(fibonacci, range(8))))
    future = pool.submit(lambda: 1 / 0)
    print(repr(future.exception()), future.done())
    print(sorted(f.result() for f in concurrent.futures.as_completed([pool.submit(lambda i=i: [i for i in range(i)]) for i in range(3)])))

event, condition_log = threading.Event(), []


def waiter():
    event.wait(10)
    condition_log.append("woken")


thread = threading.Thread(target=waiter)
thread.start()
condition_log.append("set")
event.set()
thread.join()
print(condition_log)


def failing():
    raise ValueError("in a thread")


caught = []
threading.excepthook, saved = lambda args: caught.append((args.exc_type.__name__, str(args.exc_value), args.exc_traceback.tb_next.tb_next.tb_lineno)), threading.excepthook
thread = threading.Thread(target=failing)
thread.start()
thread.join()
threading.excepthook = saved
print(caught)


def generator():
    received = []
    for _ in range(3):
        received.append((yield threading.current_thread().name))
    return received


g = generator()
next(g)
thread = threading.Thread(target=lambda: results.update(sent=g.send("from another thread")), name="other")
thread.start()
thread.join()
print(results["sent"], g.gi_frame.f_locals["received"])
del threads, thread, workers, worker, local, lock, inbox, outbox, pool, future, event, saved, g
