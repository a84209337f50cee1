def area(width, height):
    if width < 0:
        return None
    return width * height


side = 4
print(area(side, side + 1))
