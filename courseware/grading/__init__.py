"""Exercises: written once, checked at once by students, graded safely by the class.

checks, credit, answers    what the notebooks of exercises import
release                    solutions/ → exercises/
command → batch            `lsml grade`: a class in parallel, resumable; store keeps the results
graders, work              batch's processes, and what each of them does with one submission
nbgrader                   the same intake and sandbox in nbgrader's place
results                    the records that all of these pass on

intake/     submissions → file_content → notebook_file → matching → rebuild: any file → the student's cells
examine/    examiner → respondent (cells) → proxies: tests here, answers there
sandbox/    sandbox → walls, limits: a process behind walls
inside/     the one folder that enters them
report/     class_results, free_response, feedback, sheets → reports
student/    check → run, sandboxed: `lsml check`
"""
