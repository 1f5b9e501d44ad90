"""What gunicorn serves: `gunicorn -c backend/gunicorn.py backend.wsgi:app`."""

from backend.app import create_app

app = create_app()
