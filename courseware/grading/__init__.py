"""Exercises: written once, checked at once by students, graded safely by the class.

Write and release    checks · credit              what a test cell says, and the points it gives
                     release                      solutions/ → exercises/
Student              visible_check, visible_run   `lsml check`
Class                command → batch              `lsml grade`: in parallel, resumable
    read             submissions → notebook_file → matching → intake     any file → the student's cells
    examine          examiner → respondent → proxies                     tests here, answers there
    sandbox          sandbox → room, server, worker, seccomp, limits     a process behind walls
    talk             channel → codec                                     plain data over a pipe
    report           store → class_results, free_response, feedback, sheets → reports
                     results                      the records that all of these pass on
nbgrader             nbgrader_hooks               the same intake and sandbox in nbgrader's place
"""
