"""`python -m lvbench`: the command, also where its script is not on the path."""

from lvbench.cli.main import main

if __name__ == "__main__":
    main()
