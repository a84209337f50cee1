"""Ends with an error inside nested comprehensions and a generator expression."""

rows = [[1, 2], [3, 0], [5, 6]]
print(sum(10 // v for v in rows[0]))
table = {
    i: [
        sum(10 // w for w in row if w < 9)
        for row in rows[i:]
        if row
    ]
    for i in range(len(rows))
}
print("never")
