print("redstream")
