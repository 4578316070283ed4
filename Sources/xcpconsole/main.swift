print("xcpconsole")
