"""The one folder of the course that enters the sandbox, where it is called `courseware.grading`.

Nothing in it imports anything else of the course: what an answer must not see cannot follow it inside.

    worker     runs a student's cells                 server     forks workers
    channel    the conversation with the grader       codec      plain data as bytes
    seccomp    the system calls that are forbidden
    checks, credit, answers    what notebooks of exercises import (checks: its inputs are made in inputs)
"""
