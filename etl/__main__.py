# A worker process imports this module, too: it must not pay for the command line.
if __name__ == "__main__":
    import sys

    from etl.cli import main

    sys.exit(main())
