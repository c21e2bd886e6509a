"""The walls around a student's code, the process behind them, and the limits of what it may use."""
