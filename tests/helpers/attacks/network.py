# ruff: noqa
"""Network: in, out, and through the line to the grader."""

# %% sends its answers over the network
# says: PermissionError
import socket

socket.create_connection(("192.0.2.1", 80), timeout=1)


# %% asks a name server, where a name can carry a message
# says: Error
import socket

socket.getaddrinfo("secret.example.org", 80)


# %% downloads the solution
# says: answers have no network
import urllib.request

urllib.request.urlopen("http://192.0.2.1/solution.py", timeout=1)


# %% listens, so that a friend can connect
# says: PermissionError
import socket

socket.create_server(("", 8080))


# %% talks to a service of this machine
# says: PermissionError
import socket

socket.socket(socket.AF_UNIX).connect("/run/dbus/system_bus_socket")


# %% asks the line to the grader for the machine's addresses
# says: PermissionError
import array, fcntl, struct

space = array.array("B", bytes(1024))
fcntl.ioctl(3, 0x8912, struct.pack("iL", 1024, space.buffer_info()[0]))


# %% hands an open file to the grader
# says: answers have no network
import socket

line = socket.fromfd(3, socket.AF_UNIX, socket.SOCK_STREAM)
socket.send_fds(line, [b"x"], [0])
