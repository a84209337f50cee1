"""A small operating system: tasks, queues and packets; method calls and attributes, few numbers.

The workload is the one known as Richards, told anew: a scheduler runs device, handler and worker tasks that pass
packets to one another until all work is done.
"""

IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = range(6)
DEVICE_PACKET, WORK_PACKET = range(2)
PACKET_SIZE = 4


class Packet:
    def __init__(self, link, owner, kind):
        self.link = link
        self.owner = owner
        self.kind = kind
        self.datum = 0
        self.data = [0] * PACKET_SIZE

    def append_to(self, queue):
        self.link = None
        if queue is None:
            return self
        last = queue
        while last.link is not None:
            last = last.link
        last.link = self
        return queue


class Task:
    def __init__(self, system, name, priority, queue):
        self.system = system
        self.name = name
        self.priority = priority
        self.queue = queue
        self.waiting = queue is None
        self.held = False
        self.after = system.first
        system.first = self
        system.by_name[name] = self

    def add_packet(self, packet, running):
        self.queue = packet.append_to(self.queue)
        if self.waiting:
            self.waiting = False
            if self.priority > running.priority:
                return self
        return running

    def is_runnable(self):
        return not self.held and not (self.waiting and self.queue is None)

    def run(self):
        packet = None
        if self.queue is not None:
            packet = self.queue
            self.queue = packet.link
        self.waiting = False
        return self.step(packet)

    def wait(self):
        self.waiting = True
        return self


class IdleTask(Task):
    def __init__(self, system, priority, count):
        super().__init__(system, IDLE, priority, None)
        self.waiting = False
        self.control = 1
        self.count = count

    def step(self, packet):
        self.count -= 1
        if self.count == 0:
            self.held = True
            return self.after
        if self.control & 1:
            self.control = self.control // 2 ^ 0xD008
            return self.system.release(DEVICE_B)
        self.control //= 2
        return self.system.release(DEVICE_A)


class WorkerTask(Task):
    def __init__(self, system, priority, queue):
        super().__init__(system, WORKER, priority, queue)
        self.destination = HANDLER_A
        self.letter = 0

    def step(self, packet):
        if packet is None:
            return self.wait()
        self.destination = HANDLER_B if self.destination == HANDLER_A else HANDLER_A
        packet.owner = self.destination
        packet.datum = 0
        for place in range(PACKET_SIZE):
            self.letter += 1
            if self.letter > 26:
                self.letter = 1
            packet.data[place] = 64 + self.letter
        return self.system.send(packet)


class HandlerTask(Task):
    def __init__(self, system, name, priority, queue, device):
        super().__init__(system, name, priority, queue)
        self.device = device
        self.work = None
        self.devices = None

    def step(self, packet):
        if packet is not None:
            if packet.kind == WORK_PACKET:
                self.work = packet.append_to(self.work)
            else:
                self.devices = packet.append_to(self.devices)
        if self.work is not None:
            work = self.work
            if work.datum >= PACKET_SIZE:
                self.work = work.link
                return self.system.send(work)
            if self.devices is not None:
                device_packet = self.devices
                self.devices = device_packet.link
                device_packet.datum = work.data[work.datum]
                work.datum += 1
                return self.system.send(device_packet)
        return self.wait()


class DeviceTask(Task):
    def __init__(self, system, name, priority):
        super().__init__(system, name, priority, None)
        self.pending = None

    def step(self, packet):
        if packet is None:
            if self.pending is None:
                return self.wait()
            packet, self.pending = self.pending, None
            return self.system.send(packet)
        self.pending = packet
        self.system.holds += 1
        self.held = True
        return self.after


class System:
    def __init__(self):
        self.first = None
        self.by_name = {}
        self.current = None
        self.sent = 0
        self.holds = 0

    def schedule(self):
        task = self.first
        while task is not None:
            if task.is_runnable():
                self.current = task
                task = task.run()
                if task is self.current and task.waiting and task.queue is None:
                    task = task.after
            else:
                task = task.after

    def release(self, name):
        task = self.by_name[name]
        task.held = False
        return task if task.priority > self.current.priority else self.current

    def send(self, packet):
        task = self.by_name[packet.owner]
        self.sent += 1
        packet.link = None
        packet.owner = self.current.name
        return task.add_packet(packet, self.current)


def device_packets(device):
    queue = None
    for _ in range(3):
        queue = Packet(queue, device, DEVICE_PACKET)
    return queue


def main(rounds):
    told = None
    for _ in range(rounds):
        system = System()
        IdleTask(system, 0, 1500)
        WorkerTask(system, 1000, Packet(Packet(None, WORKER, WORK_PACKET), WORKER, WORK_PACKET))
        HandlerTask(system, HANDLER_A, 2000, device_packets(DEVICE_A), DEVICE_A)
        HandlerTask(system, HANDLER_B, 3000, device_packets(DEVICE_B), DEVICE_B)
        DeviceTask(system, DEVICE_A, 4000)
        DeviceTask(system, DEVICE_B, 5000)
        system.schedule()
        told = system.sent, system.holds
    return told


if __name__ == "__main__":
    print(main(1))
