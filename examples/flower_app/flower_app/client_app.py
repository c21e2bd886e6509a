"""A node receives w, calls the course's `client_update`, and sends w_k and n_k back."""

from flwr.app import ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

from flower_app import task
from lsml_core.parallel.federated import LocalSGD, client_update

app = ClientApp()


@app.train()
def train(message: Message, context: Context) -> Message:
    config, k = task.settings(context), int(context.node_config["partition-id"])
    data = config["clients"], config["largest"]
    client = task.clients(*data, config["seed"])[k]
    (w,) = message.content["arrays"].to_numpy_ndarrays()
    t = int(message.content["config"]["server-round"])
    order = task.all_orders(t, *data, config["epochs"], config["seed"])[k]
    w_k = client_update(client, w, order, LocalSGD(config["eta"], config["batch"], config["mu"]))
    sent = {"arrays": ArrayRecord([w_k]), "metrics": MetricRecord({"num-examples": len(client.y)})}
    return Message(RecordDict(sent), reply_to=message)
