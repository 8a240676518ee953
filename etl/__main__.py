# Worker processes import this module, too, and must not load the command line.
if __name__ == "__main__":
    import sys

    from etl.cli import main

    sys.exit(main())
