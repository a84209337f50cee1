"""Five bodies under gravity: attribute-free number crunching in nested loops."""

from math import sqrt

DAYS = 365.24
SOLAR_MASS = 4 * 3.141592653589793**2


def make_bodies():
    return [
        [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], SOLAR_MASS],
        [[4.84, -1.16, -0.10], [0.00166 * DAYS, 0.00769 * DAYS, -0.00007 * DAYS], 0.00095 * SOLAR_MASS],
        [[8.34, 4.12, -0.40], [-0.00276 * DAYS, 0.00499 * DAYS, 0.00002 * DAYS], 0.00028 * SOLAR_MASS],
        [[12.89, -15.11, -0.22], [0.00296 * DAYS, 0.00237 * DAYS, -0.00003 * DAYS], 0.00004 * SOLAR_MASS],
        [[15.37, -25.91, 0.18], [0.00268 * DAYS, 0.00162 * DAYS, -0.00009 * DAYS], 0.00005 * SOLAR_MASS],
    ]


def advance(bodies, step):
    for first in range(len(bodies)):
        place, speed, mass = bodies[first]
        for second in range(first + 1, len(bodies)):
            other_place, other_speed, other_mass = bodies[second]
            dx = place[0] - other_place[0]
            dy = place[1] - other_place[1]
            dz = place[2] - other_place[2]
            squared = dx * dx + dy * dy + dz * dz
            pull = step / (squared * sqrt(squared))
            ours = other_mass * pull
            theirs = mass * pull
            speed[0] -= dx * ours
            speed[1] -= dy * ours
            speed[2] -= dz * ours
            other_speed[0] += dx * theirs
            other_speed[1] += dy * theirs
            other_speed[2] += dz * theirs
    for place, speed, _ in bodies:
        place[0] += step * speed[0]
        place[1] += step * speed[1]
        place[2] += step * speed[2]


def energy(bodies):
    total = 0.0
    for number, (place, speed, mass) in enumerate(bodies):
        total += 0.5 * mass * sum(part * part for part in speed)
        for other_place, _, other_mass in bodies[number + 1 :]:
            squared = sum((a - b) ** 2 for a, b in zip(place, other_place))
            total -= mass * other_mass / sqrt(squared)
    return total


def main(steps):
    bodies = make_bodies()
    before = energy(bodies)
    for _ in range(steps):
        advance(bodies, 0.01)
    return before, energy(bodies)


if __name__ == "__main__":
    print(main(1000))
