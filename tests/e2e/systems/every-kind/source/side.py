print("side")
