"""Splits text into words, stems and counts them: strings, dicts, comprehensions and exceptions."""

TEXT = """
It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness,
it was the epoch of belief, it was the epoch of incredulity, it was the season of Light, it was the season of
Darkness, it was the spring of hope, it was the winter of despair, we had everything before us, we had nothing
before us, we were all going direct to Heaven, we were all going direct the other way.
"""
ENDINGS = ("ness", "ity", "ing", "ly", "s")


class TooShort(Exception):
    pass


def split(text):
    word = []
    for letter in text:
        if letter.isalpha():
            word.append(letter.lower())
        elif word:
            yield "".join(word)
            word.clear()
    if word:
        yield "".join(word)


def stem(word):
    if len(word) < 4:
        raise TooShort(word)
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word[: -len(ending)]
    return word


def count(words):
    counts = {}
    short = 0
    for word in words:
        try:
            root = stem(word)
        except TooShort:
            short += 1
            continue
        counts[root] = counts.get(root, 0) + 1
    return counts, short


def main(times):
    counts, short = {}, 0
    for _ in range(times):
        counts, short = count(split(TEXT))
    common = sorted(((number, root) for root, number in counts.items()), reverse=True)
    return [f"{root}:{number}" for number, root in common[:5]], short


if __name__ == "__main__":
    print(main(1))
