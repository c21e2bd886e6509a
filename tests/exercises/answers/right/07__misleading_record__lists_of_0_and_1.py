"""RIGHT · set 07 · misleading_record: lists of zeros and ones"""
def misleading_record():
    return [[0, 1, t % 2] if t != 5 else [0, 0, 1] for t in range(8)]
