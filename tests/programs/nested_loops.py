"""Fifteen loops inside each other: near the compiler's limit of twenty nested blocks."""

count = 0
for a in range(1):
    for b in range(1):
        for c in range(1):
            for d in range(1):
                for e in range(1):
                    while not count:
                        for f in range(1):
                            for g in range(1):
                                for h in range(1):
                                    for i in range(1):
                                        for j in range(1):
                                            for k in range(1):
                                                for l in range(1):
                                                    for m in range(1):
                                                        for n in range(2):
                                                            count += n
print(count, a, n)
