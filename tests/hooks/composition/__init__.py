"""What else traces, beside a tracer of ours: scenarios that run the same with it and without."""
